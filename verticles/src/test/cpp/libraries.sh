#!/bin/sh
# Whether this machine has what rows.cpp needs; says what to install where it has not.
printf '#include <zmq.hpp>\n#include <msgpack.hpp>\n' | g++ -std=c++17 -DMSGPACK_NO_BOOST -fsyntax-only -x c++ - && exit
echo "install a C++ compiler, cppzmq and msgpack-cxx: sudo apt-get install g++ cppzmq-dev libmsgpack-cxx-dev" >&2
exit 1
