package io.cellbelt.cells;

/**
 * A cell of one's own: it streams, trains and is checked like those of the library, and files hold
 * it where they are told of its record. docs/adding-a-cell.md shows how one is made.
 */
public non-sealed interface CustomCell extends Cell {}
