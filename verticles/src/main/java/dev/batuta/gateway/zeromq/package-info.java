/** The door of ZeroMQ with MessagePack: a chat that other systems speak (PROTOCOLS B). */
@NullMarked
package dev.batuta.gateway.zeromq;

import org.jspecify.annotations.NullMarked;
