/** What a client may watch. */
@NullMarked
package dev.batuta.gateway.events;

import org.jspecify.annotations.NullMarked;
