package dev.batuta.tracing;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The trace of the request that the caller's Vert.x context works for, a client's or another
 * node's. It goes along with what is awaited there, and not with what several requests share, which
 * is done on a context of nobody's.
 */
public final class CurrentTrace implements VertxServiceProvider {
  /** Under which log lines and problems name a trace. */
  public static final String KEY = "traceId";

  private static final ContextLocal<Request> LOCAL = ContextLocal.registerLocal(Request.class);

  /**
   * @param name gives the span of the request a name, null where it has none
   */
  private record Request(TraceContext place, @Nullable Consumer<String> name) {}

  /** For the ServiceLoader: a local has to be registered before the first Vert.x is made. */
  public CurrentTrace() {}

  @Override
  public void init(VertxBootstrap bootstrap) {}

  /** Where the caller is in a trace; null outside of one. */
  public static @Nullable TraceContext get() {
    Context context = Vertx.currentContext();
    return context == null ? null : of(context);
  }

  /** The same; outside of a trace a new one, to which the caller belongs from now on. */
  public static TraceContext getOrBegin() {
    TraceContext known = get();
    if (known != null) {
      return known;
    }
    TraceContext begun = TraceContext.fresh();
    if (Vertx.currentContext() instanceof ContextInternal context && context.isDuplicate()) {
      set(context, begun); // of one request, unlike a context that is no duplicate
    }
    return begun;
  }

  /**
   * Has the log lines of this thread, which works for one trace until it ends, say so.
   *
   * @param traceparent the place in the trace, null outside of one
   */
  public static void mark(@Nullable String traceparent) {
    TraceContext place = TraceContext.parse(traceparent);
    if (place != null) {
      MDC.put(KEY, place.traceId());
    }
  }

  /**
   * The trace of what this thread says now: that of its request, else the one that it is marked
   * with.
   *
   * @param marks of the thread, as its log lines have them
   */
  public static Optional<String> idFor(Map<String, String> marks) {
    TraceContext here = get();
    return Optional.ofNullable(here == null ? marks.get(KEY) : here.traceId());
  }

  /** Says what the caller's request is, where somebody is told of it: its method and path. */
  public static void name(Supplier<String> name) {
    Context context = Vertx.currentContext();
    Request request = context == null ? null : LOCAL.get(context);
    if (request != null && request.name != null) {
      request.name.accept(name.get());
    }
  }

  static @Nullable TraceContext of(Context context) {
    Request request = LOCAL.get(context);
    return request == null ? null : request.place;
  }

  static void set(Context context, TraceContext place) {
    LOCAL.put(context, new Request(place, null));
  }

  static void set(Context context, TraceContext place, Consumer<String> name) {
    LOCAL.put(context, new Request(place, name));
  }
}
