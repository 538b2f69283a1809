/** The tests that hold for every module; all of them live in the test sources. */
package io.cellbelt.propertytests;
