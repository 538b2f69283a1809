/** Graphs that are a stack of recurrent layers, and so a network. */
package io.cellbelt.models.stacks;
