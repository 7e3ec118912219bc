/** The index that follows behind the log, by which messages are found. */
@NullMarked
package dev.batuta.messaging.search;

import org.jspecify.annotations.NullMarked;
