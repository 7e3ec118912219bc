package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A store whose answers to acceptances promise what they should not, under some mutations. */
final class CarelessTaskStore extends ModelTaskStore {
  private final Mutation mutation;

  CarelessTaskStore(StoreModel model, Link link) {
    super(model, link);
    this.mutation = model.mutation;
  }

  @Override
  public Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> all) {
    Future<Accepted> truth = super.accept(server, term, user, key, firstId, all);
    if (mutation == Mutation.ACKNOWLEDGED_BEFORE_COMMIT) {
      return Future.succeededFuture(
          new Accepted(LongStream.range(firstId, firstId + all.size()).boxed().toList(), false));
    }
    if (mutation == Mutation.UNKNOWN_IS_TAKEN_FOR_NOTHING) {
      return truth.recover(
          error ->
              error instanceof Refused refused && refused.failure().kind() == Kind.UNKNOWN
                  ? Future.failedFuture(
                      new Refused(Kind.UNAVAILABLE, "database-unreachable", "Nothing changed."))
                  : Future.failedFuture(error));
    }
    return truth;
  }
}
