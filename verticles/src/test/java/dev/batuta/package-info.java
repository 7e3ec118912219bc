/** Tests of the whole. */
@NullMarked
package dev.batuta;

import org.jspecify.annotations.NullMarked;
