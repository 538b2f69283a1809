/**
 * What a service embeds: cells, networks of them, and streams through the networks.
 *
 * <p>An {@link io.cellbelt.cells.Architecture} says what a network is made of, {@link
 * io.cellbelt.cells.Weights} are its numbers, a {@link io.cellbelt.cells.Network} is ready to run
 * and shared by all threads, and a {@link io.cellbelt.cells.Stream} or {@link
 * io.cellbelt.cells.Streams} holds the state of one sequence or of many.
 */
package io.cellbelt.cells;
