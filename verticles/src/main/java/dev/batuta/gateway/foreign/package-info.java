/** The door of workers and masters of other implementations: JSON over TCP and WebSocket. */
@NullMarked
package dev.batuta.gateway.foreign;

import org.jspecify.annotations.NullMarked;
