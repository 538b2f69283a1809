/** Benchmarks of the kernels and the step; {@code jmh/target/benchmarks.jar} runs them. */
package io.cellbelt.jmh;
