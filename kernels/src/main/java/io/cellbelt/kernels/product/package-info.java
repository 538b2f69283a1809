/** Matrix products on panels, at raw addresses. Exported to this library only. */
package io.cellbelt.kernels.product;
