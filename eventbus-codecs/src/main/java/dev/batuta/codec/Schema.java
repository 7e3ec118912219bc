package dev.batuta.codec;

import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of a record and of everything that it can hold, derived once from their components. A
 * mistake in the messages (a number used twice, a component of a type that has no wire form) fails
 * here, when the first codec is made.
 */
final class Schema {
  /** Of everything that the bus carries. */
  static final Schema ENVELOPE = Schema.of(Envelope.class);

  private static final int NUMBERS = 128;

  private final Map<Class<?>, Shape> shapes = new LinkedHashMap<>();
  private final Map<Class<?>, Kind.Union> unions = new LinkedHashMap<>();
  private final Map<Integer, Class<?>> numbers = new HashMap<>();
  private final Shape root;

  private Schema(Class<?> root) {
    this.root = shape(root);
    this.root.becomeRoot();
  }

  /** Of a record, such as {@link Envelope}. */
  static Schema of(Class<? extends Record> root) {
    return new Schema(root);
  }

  Shape root() {
    return root;
  }

  Collection<Shape> shapes() {
    return shapes.values();
  }

  /** The records of a sealed interface. */
  Kind.Union union(Class<?> sealed) {
    Kind.Union known = unions.get(sealed);
    if (known != null) {
      return known;
    }
    Kind.Union union = new Kind.Union(sealed, NUMBERS);
    unions.put(sealed, union);
    addMembers(sealed, union);
    return union;
  }

  private void addMembers(Class<?> sealed, Kind.Union union) {
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (permitted.isSealed()) {
        addMembers(permitted, union);
        continue;
      }
      union.add(permitted, shape(permitted));
    }
  }

  private Shape shape(Class<?> type) {
    Shape known = shapes.get(type);
    if (known != null) {
      return known;
    }
    if (!type.isRecord()) {
      throw new IllegalStateException(type + " has no wire form: it is not a record");
    }
    Shape shape = new Shape(type, number(type));
    shapes.put(type, shape);
    try {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      List<Component> components = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        components.add(component(lookup, component));
      }
      shape.link(components, constructor(lookup, type));
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(type + " cannot be reached", e);
    }
    return shape;
  }

  private int number(Class<?> type) {
    Type annotation = type.getAnnotation(Type.class);
    if (annotation == null) {
      return -1;
    }
    int number = annotation.value();
    if (number < 0 || number >= NUMBERS) {
      throw new IllegalStateException(type + " has number " + number + ", not from 0 to 127");
    }
    Class<?> other = numbers.put(number, type);
    if (other != null) {
      throw new IllegalStateException(type + " and " + other + " have the number " + number);
    }
    return number;
  }

  private static MethodHandle constructor(MethodHandles.Lookup lookup, Class<?> type)
      throws ReflectiveOperationException {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    return lookup
        .findConstructor(type, MethodType.methodType(void.class, types))
        .asSpreader(Object[].class, types.length)
        .asType(MethodType.methodType(Object.class, Object[].class));
  }

  @SuppressWarnings("unchecked")
  private Component component(MethodHandles.Lookup lookup, RecordComponent component)
      throws Throwable {
    String name = component.getName();
    if (name.equals("type")) {
      throw new IllegalStateException(component + ": the named forms use the key \"type\"");
    }
    MethodHandle accessor = lookup.unreflect(component.getAccessor());
    Class<?> type = component.getType();
    if (type == int.class) {
      return new Component.OfInt(
          name,
          (ToIntFunction<Object>) lambda(lookup, accessor, ToIntFunction.class, "applyAsInt"));
    } else if (type == long.class) {
      return new Component.OfLong(
          name,
          (ToLongFunction<Object>) lambda(lookup, accessor, ToLongFunction.class, "applyAsLong"));
    } else if (type == double.class) {
      return new Component.OfDouble(
          name,
          (ToDoubleFunction<Object>)
              lambda(lookup, accessor, ToDoubleFunction.class, "applyAsDouble"));
    } else if (type == boolean.class) {
      return new Component.OfBoolean(
          name, (Predicate<Object>) lambda(lookup, accessor, Predicate.class, "test"));
    }
    return new Component.OfReference(
        name,
        kind(component.getGenericType()),
        component.getAnnotatedType().isAnnotationPresent(Nullable.class),
        (Function<Object, @Nullable Object>) lambda(lookup, accessor, Function.class, "apply"));
  }

  /** The accessor as an object of a functional interface, which a JIT can inline. */
  private static Object lambda(
      MethodHandles.Lookup lookup, MethodHandle accessor, Class<?> functional, String method)
      throws Throwable {
    Class<?> result = accessor.type().returnType();
    Class<?> erased = result.isPrimitive() ? result : Object.class;
    return LambdaMetafactory.metafactory(
            lookup,
            method,
            MethodType.methodType(functional),
            MethodType.methodType(erased, Object.class),
            accessor,
            accessor.type())
        .getTarget()
        .invoke();
  }

  private Kind kind(java.lang.reflect.Type type) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return new Kind.Many(kind(list.getActualTypeArguments()[0]));
    }
    if (!(type instanceof Class<?> plain)) {
      throw new IllegalStateException(type + " has no wire form");
    }
    if (plain == Integer.class) {
      return new Kind.Int();
    } else if (plain == Long.class) {
      return new Kind.Whole();
    } else if (plain == Double.class) {
      return new Kind.Real();
    } else if (plain == Boolean.class) {
      return new Kind.Truth();
    } else if (plain == String.class) {
      return new Kind.Text();
    } else if (plain == Bytes.class) {
      return new Kind.Binary();
    } else if (plain.isEnum()) {
      return new Kind.Choice(constants(plain));
    } else if (plain.isRecord()) {
      return new Kind.Nested(shape(plain));
    } else if (plain.isSealed() && Modifier.isInterface(plain.getModifiers())) {
      return union(plain);
    }
    throw new IllegalStateException(type + " has no wire form");
  }

  private static List<Enum<?>> constants(Class<?> type) {
    List<Enum<?>> constants = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      constants.add((Enum<?>) constant);
    }
    return List.copyOf(constants);
  }
}
