/**
 * Starting and stopping a node: settings, Hazelcast, clustered Vert.x, the verticles of its roles.
 */
@NullMarked
package dev.batuta.node;

import org.jspecify.annotations.NullMarked;
