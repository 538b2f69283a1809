/** Comparison with native engines on the same LSTMs; built by the profile {@code peers} only. */
package io.cellbelt.peers;
