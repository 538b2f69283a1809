/** Parts that several formats of files share. */
package io.cellbelt.models.files;
