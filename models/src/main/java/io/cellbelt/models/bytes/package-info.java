/** Elements of tensors as bytes in files. */
package io.cellbelt.models.bytes;
