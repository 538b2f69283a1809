/** A service that hears sound over WebSockets and says when somebody speaks. */
package io.cellbelt.vad;
