/** Berkeley clock synchronisation. */
@NullMarked
package dev.batuta.clock;

import org.jspecify.annotations.NullMarked;
