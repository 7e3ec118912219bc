/** Whole clusters of real processes, as a newcomer starts them. */
@NullMarked
package dev.batuta.system;

import org.jspecify.annotations.NullMarked;
