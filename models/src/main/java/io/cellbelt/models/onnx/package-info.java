/** ONNX files: models become graphs, and graphs become models. */
package io.cellbelt.models.onnx;
