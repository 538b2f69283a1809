/** The vector width, and loads and stores at raw addresses. Exported to this library only. */
package io.cellbelt.kernels.simd;
