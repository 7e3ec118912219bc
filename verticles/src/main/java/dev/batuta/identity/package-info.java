/** Who a caller is, and what they may do. */
@NullMarked
package dev.batuta.identity;

import org.jspecify.annotations.NullMarked;
