/** Models of real-time audio, as RTNeural, AIDA-X, GuitarML and Neural Amp Modeler write them. */
package io.cellbelt.models.audio;
