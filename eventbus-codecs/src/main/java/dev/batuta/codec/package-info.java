/** The messages of the clustered event bus and the MessagePack codec that carries them. */
@NullMarked
package dev.batuta.codec;

import org.jspecify.annotations.NullMarked;
