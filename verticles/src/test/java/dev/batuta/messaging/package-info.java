/** Tests of the replicated chat. */
@NullMarked
package dev.batuta.messaging;

import org.jspecify.annotations.NullMarked;
