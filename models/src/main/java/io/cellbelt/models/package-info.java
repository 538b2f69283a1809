/** Reads and writes models as safetensors files that PyTorch users can open. */
package io.cellbelt.models;
