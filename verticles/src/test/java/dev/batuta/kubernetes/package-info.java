/** The manifests of {@code k8s/}, held against what Kubernetes and a node know. */
@NullMarked
package dev.batuta.kubernetes;

import org.jspecify.annotations.NullMarked;
