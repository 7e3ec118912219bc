/** Whether what clients saw of accounts can be explained by one operation after another. */
@NullMarked
package dev.batuta.linearizability;

import org.jspecify.annotations.NullMarked;
