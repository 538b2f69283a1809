/** The commands of {@code cellbelt}, one class each, and what they share. */
package io.cellbelt.app;
