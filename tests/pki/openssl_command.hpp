// The stock openssl command on files of a directory of its own.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "base/file.hpp"
#include "tests/pki/estate.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::pki::test {

struct Outcome {
  int exit_code;
  std::string text;
};

class OpenSslDirectory : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    ASSERT_EQ(outcome(write_private_file(directory_.file(name), as_bytes(text))), "ok");
  }
  void write(const std::string& name, ByteView bytes) { write(name, as_text(bytes)); }
  Bytes read(const std::string& name) { return must(read_file(directory_.file(name), 65536)); }

  // In the directory of the files; both streams.
  Outcome run(const std::string& arguments) {
    const std::string command = "cd " + directory_.file(".") + " && openssl " + arguments + " 2>&1 < /dev/null";
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return {-1, "no shell"};
    std::string text;
    std::array<char, 512> piece;
    while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) text += piece.data();
    return {::pclose(pipe), text};
  }

  tf::test::TemporaryDirectory directory_;
};

}  // namespace tf::pki::test
