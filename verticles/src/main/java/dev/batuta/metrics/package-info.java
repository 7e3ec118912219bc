/** Figures that a node keeps of itself, whoever reads them; without any library. */
@NullMarked
package dev.batuta.metrics;

import org.jspecify.annotations.NullMarked;
