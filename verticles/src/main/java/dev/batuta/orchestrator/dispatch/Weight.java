package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much room a task takes where numbers of tasks are bounded: 1 for the ordinary one, and more
 * for each {@link #UNIT} characters of JSON.
 */
public final class Weight {
  public static final int UNIT = 512;

  private Weight() {}

  public static int of(Payload payload) {
    return switch (payload) {
      case Query _, Update _, Transfer _ -> 1;
      case Compute(long _, boolean _, String given) -> given == null ? 1 : of(given);
      case External(String json) -> of(json);
      case Custom(String _, String json) -> of(json);
    };
  }

  public static int of(@Nullable Result result) {
    String json = result == null ? null : result.json();
    return json == null ? 1 : of(json);
  }

  private static int of(String json) {
    return 1 + json.length() / UNIT;
  }

  public static int of(List<NewTask> tasks) {
    int sum = 0;
    for (NewTask task : tasks) {
      sum += of(task.payload());
    }
    return sum;
  }
}
