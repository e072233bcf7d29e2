// Frames and their lengths, whole and in pieces.
#include "net/link/framing.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/expect.hpp"

namespace tf::net {
namespace {

using Coding = Framing::Coding;
const Framing kShort{.coding = Coding::binary, .length_size = 2, .inclusive = false, .max_size = 300};
const Framing kSmpp{.coding = Coding::binary, .length_size = 4, .inclusive = true, .min_size = 12, .max_size = 65536};
const Framing kDigits{.coding = Coding::digits, .length_size = 4, .inclusive = false, .max_size = 9999};

std::string framed(const Framing& framing, std::string_view payload) {
  const auto out = frame(framing, as_bytes(payload));
  return out ? std::string(as_text(out->reveal())) : "refused";
}

// Feeds the stream in pieces of this size.
Result<std::vector<std::string>> taken_apart(const Framing& framing, std::string_view stream, std::size_t piece) {
  FrameReader reader(framing);
  std::vector<std::string> out;
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    const std::string_view part = stream.substr(0, piece);
    std::ranges::copy(as_bytes(part), reader.space().begin());
    TF_CHECK(reader.received(part.size(), [&](ByteView payload) { out.emplace_back(as_text(payload)); }));
  }
  return out;
}

TEST(Framing, writes_the_length_as_the_network_has_it) {
  EXPECT_EQ(framed(kShort, "0800"), std::string("\0\4", 2) + "0800");
  EXPECT_EQ(framed(kDigits, "0800"), "00040800");
  EXPECT_EQ(framed(kSmpp, "command-head"), std::string("\0\0\0\20", 4) + "command-head");
  const Framing inclusive{.coding = Coding::digits, .length_size = 4, .inclusive = true, .max_size = 100};
  EXPECT_EQ(framed(inclusive, "0800"), "00080800");
}

TEST(Framing, leaves_out_of_the_length_what_it_does_not_count) {
  const Framing ipa{.coding = Coding::binary, .length_size = 2, .inclusive = false, .min_size = 2, .max_size = 300, .uncounted = 1};
  EXPECT_EQ(framed(ipa, "xping"), std::string("\0\4", 2) + "xping");
  EXPECT_EQ(framed(ipa, "x"), "refused");
  for (std::size_t piece = 1; piece < 9; ++piece) {
    const auto out = taken_apart(ipa, std::string("\0\4xping\0\1yz", 11), piece);
    ASSERT_OK(out);
    EXPECT_EQ(*out, (std::vector<std::string>{"xping", "yz"}));
  }
  EXPECT_REFUSED(taken_apart(ipa, std::string("\0\0x", 3), 3), Code::malformed, "link.frame");
  EXPECT_REFUSED(taken_apart(ipa, std::string("\1\54", 2), 2), Code::malformed, "link.frame");
  EXPECT_REFUSED(check({.min_size = 1, .uncounted = 2}), Code::invalid, "link.framing");
}

TEST(Framing, gives_the_same_frames_however_the_stream_is_cut) {
  for (const Framing& framing : {kShort, kSmpp, kDigits}) {
    const std::vector<std::string> payloads = {"twelve bytes", std::string(300, 'x'), "another twelve"};
    std::string stream;
    for (const std::string& payload : payloads) stream += framed(framing, payload);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) EXPECT_EQ(taken_apart(framing, stream, piece).value(), payloads) << piece;
  }
}

TEST(Framing, refuses_a_length_out_of_bounds_before_its_bytes_come) {
  EXPECT_REFUSED(taken_apart(kShort, std::string("\1\55", 2), 2), Code::malformed, "link.frame");
  EXPECT_REFUSED(taken_apart(kShort, std::string("\0\0", 2), 2), Code::malformed, "link.frame");
  EXPECT_REFUSED(taken_apart(kSmpp, std::string("\0\0\0\17", 4), 4), Code::malformed, "link.frame");
  EXPECT_REFUSED(taken_apart(kSmpp, std::string("\0\0\0\3", 4), 4), Code::malformed, "link.frame");
  EXPECT_REFUSED(taken_apart(kSmpp, std::string("\xFF\xFF\xFF\xFF", 4), 4), Code::malformed, "link.frame");
}

TEST(Framing, refuses_a_length_in_digits_that_is_none) {
  for (const char* length : {"00x4", " 004", "-004", "+004", "0x04"}) EXPECT_REFUSED(taken_apart(kDigits, length, 4), Code::malformed, "link.frame");
}

TEST(Framing, does_not_write_what_the_other_end_would_refuse) {
  EXPECT_REFUSED(frame(kShort, Bytes(301)), Code::invalid, "link.frame_size");
  EXPECT_REFUSED(frame(kShort, Bytes()), Code::invalid, "link.frame_size");
  EXPECT_REFUSED(frame(kSmpp, Bytes(11)), Code::invalid, "link.frame_size");
}

TEST(Framing, knows_which_settings_exist) {
  EXPECT_OK(check(kShort));
  EXPECT_REFUSED(check({.length_size = 3}), Code::invalid, "link.framing");
  EXPECT_REFUSED(check({.coding = Coding::digits, .length_size = 2, .max_size = 100}), Code::invalid, "link.framing");
  EXPECT_REFUSED(check({.coding = Coding::digits, .length_size = 2, .inclusive = true, .max_size = 99}), Code::invalid, "link.framing");
  EXPECT_REFUSED(check({.length_size = 2, .max_size = 65536}), Code::invalid, "link.framing");
}

}  // namespace
}  // namespace tf::net
