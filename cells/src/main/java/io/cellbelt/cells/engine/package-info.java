/**
 * How networks run, at raw addresses and unchecked: packed parameters, layers, and the unrolled
 * network that is a stream's inside and training's tape. Exported to this library only.
 */
package io.cellbelt.cells.engine;
