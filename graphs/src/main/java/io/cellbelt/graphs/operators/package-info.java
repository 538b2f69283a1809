/** The operators that graphs are made of, each with its shape rule and its kernel in one place. */
package io.cellbelt.graphs.operators;
