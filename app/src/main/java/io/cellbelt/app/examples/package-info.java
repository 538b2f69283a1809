/** Real networks at work, each in one class: {@code cellbelt example NAME}. */
package io.cellbelt.app.examples;
