package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.Node;
import java.util.List;

/**
 * A kernel of a plan and the memory that it touches.
 *
 * @param node which it belongs to
 * @param kernel what runs
 * @param reads places that it reads
 * @param writes places that it writes
 */
record Step(Node node, Kernel kernel, List<Place> reads, List<Place> writes) {}
