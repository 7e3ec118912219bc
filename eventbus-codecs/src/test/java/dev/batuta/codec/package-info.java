@NullMarked
package dev.batuta.codec;

import org.jspecify.annotations.NullMarked;
