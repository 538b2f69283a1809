/** What a service embeds: cells, networks of them, and streams through the networks. */
package io.cellbelt.cells;
