/**
 * The door for clients of the Vert.x event bus over TCP.
 *
 * <p>It speaks the frames of {@code vertx-tcp-eventbus-bridge} and does without that library, which
 * (5.0.8) cannot be mended from outside: it makes the connections itself, and shows none of them
 * before their first frame, so that nothing bounds how many there are, how long they say nothing,
 * and how much of one frame is kept; a frame of a type that it does not know, or with a negative
 * length, throws through its reader; and it writes its refusals without the address that they are
 * about. What a frame means is shared with the bridge over SockJS: {@link
 * dev.batuta.gateway.events.BridgeSession}.
 */
@NullMarked
package dev.batuta.gateway.bridge;

import org.jspecify.annotations.NullMarked;
