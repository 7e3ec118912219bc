/** Bully election, fenced by an epoch. */
@NullMarked
package dev.batuta.election;

import org.jspecify.annotations.NullMarked;
