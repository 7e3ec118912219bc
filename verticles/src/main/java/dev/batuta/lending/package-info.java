/** Lending of workers between masters. */
@NullMarked
package dev.batuta.lending;

import org.jspecify.annotations.NullMarked;
