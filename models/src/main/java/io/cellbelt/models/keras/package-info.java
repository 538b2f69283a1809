/** Keras models of versions 1 to 3 as graphs of ONNX's operators. */
package io.cellbelt.models.keras;
