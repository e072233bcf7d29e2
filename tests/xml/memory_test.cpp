// What libxml2 gives back has nothing in it any more.
#include <gtest/gtest.h>
#include <libxml/xmlmemory.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "xml/document.hpp"
#include "xml/private.hpp"

namespace tf::xml {
namespace {

constexpr std::size_t kSize = 600;

ByteView whole(void* block) { return {static_cast<const std::uint8_t*>(block), ::malloc_usable_size(block)}; }
bool is_zero(std::uint8_t byte) { return byte == 0; }

TEST(Memory, a_block_is_wiped_to_its_end) {
  const std::unique_ptr<void, decltype([](void* block) { std::free(block); })> block(std::malloc(kSize));
  std::fill_n(static_cast<std::uint8_t*>(block.get()), ::malloc_usable_size(block.get()), std::uint8_t{0xA5});
  wipe_block(block.get());
  EXPECT_TRUE(std::ranges::all_of(whole(block.get()), is_zero));
  wipe_block(nullptr);
}

TEST(Memory, of_the_library_is_given_back_by_our_function_and_keeps_what_is_in_it_when_it_grows) {
  test::must(Document::parse(as_bytes(std::string_view("<a/>"))));  // the library has started
  ::xmlFreeFunc release = nullptr;
  ::xmlMallocFunc obtain = nullptr;
  ::xmlReallocFunc resize = nullptr;
  ::xmlStrdupFunc copy = nullptr;
  ASSERT_EQ(::xmlMemGet(&release, &obtain, &resize, &copy), 0);
  EXPECT_NE(release, static_cast<::xmlFreeFunc>(std::free));
  EXPECT_NE(resize, static_cast<::xmlReallocFunc>(std::realloc));
  auto* text = static_cast<std::uint8_t*>(resize(nullptr, kSize));
  ASSERT_NE(text, nullptr);
  std::fill_n(text, kSize, std::uint8_t{0xA5});
  text = static_cast<std::uint8_t*>(resize(text, 10 * kSize));
  ASSERT_NE(text, nullptr);
  EXPECT_TRUE(std::all_of(text, text + kSize, [](std::uint8_t byte) { return byte == 0xA5; }));
  text = static_cast<std::uint8_t*>(resize(text, kSize));
  ASSERT_NE(text, nullptr);
  EXPECT_TRUE(std::all_of(text, text + kSize, [](std::uint8_t byte) { return byte == 0xA5; }));
  release(text);
  release(nullptr);
}

}  // namespace
}  // namespace tf::xml
