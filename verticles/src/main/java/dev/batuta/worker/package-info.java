/** Running tasks. */
@NullMarked
package dev.batuta.worker;

import org.jspecify.annotations.NullMarked;
