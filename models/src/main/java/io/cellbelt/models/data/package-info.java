/** Files of values: sound, NumPy arrays, tables and tensors by name, to be fed and given back. */
package io.cellbelt.models.data;
