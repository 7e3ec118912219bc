/** The JSON forms of what clients send and read. */
@NullMarked
package dev.batuta.gateway.json;

import org.jspecify.annotations.NullMarked;
