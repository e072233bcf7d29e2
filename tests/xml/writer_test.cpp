// What is written without a tree is what the library writes of one.
#include <gtest/gtest.h>

#include "tests/support/expect.hpp"
#include "xml/writer.hpp"

namespace tf::xml {
namespace {

constexpr std::string_view kOurs = "urn:example:a";
constexpr std::string_view kTheirs = "urn:example:b";

// The same elements in both ways, around one text.
std::string written(std::string_view text) {
  Writer out({kOurs, "A"});
  out.begin({kOurs, "B"});
  out.leaf({kTheirs, "C"}, text);
  out.leaf({kTheirs, "D"});
  out.begin({kTheirs, "E"});
  out.text(text);
  out.text("more");
  out.leaf({kTheirs, "F"}, text);
  out.end();
  out.end();
  out.begin({"", "G"});
  out.leaf({"", "H"}, text);
  out.leaf({kOurs, "I"}, text);
  out.end();
  return test::must(out.finish());
}

std::string built(std::string_view text) {
  Document document = Document::create({kOurs, "A"});
  Element b = document.root().add({kOurs, "B"});
  b.add({kTheirs, "C"}, text);
  b.add({kTheirs, "D"});
  Element e = b.add({kTheirs, "E"}, text);
  e.add_text("more");
  e.add({kTheirs, "F"}, text);
  Element g = document.root().add({"", "G"});
  g.add({"", "H"}, text);
  g.add({kOurs, "I"}, text);
  return test::must(document.serialise());
}

TEST(Writer, octets_are_those_of_a_tree) {
  for (const std::string_view text : {"", "plain", "<a x=\"1\" y='2'>&amp;</a>", "]]>", " \t\r\n ", "\r", "&", "a\r\nb", "schl\xC3\xBCssel \xE2\x82\xAC \xF0\x9F\x94\x91", "\x7F"})
    EXPECT_EQ(written(text), built(text)) << text;
}

TEST(Writer, what_is_written_reads_as_it_was_said) {
  const std::string_view text = "<\"'&>\r\n\t\xE5\xAF\x86";
  Writer out({kOurs, "A"});
  out.leaf({kTheirs, "B"}, text);
  const Document document = test::must(Document::parse(as_bytes(test::must(out.finish()))));
  EXPECT_EQ(test::must(test::must(document.root().child({kTheirs, "B"})).text()), text);
}

TEST(Writer, an_empty_root_is_one_tag) {
  EXPECT_EQ(test::must(Writer({"", "A"}).finish()), test::must(Document::create({"", "A"}).serialise()));
  EXPECT_EQ(test::must(Writer({kOurs, "A"}).finish()), test::must(Document::create({kOurs, "A"}).serialise()));
}

TEST(Writer, text_that_cannot_stand_in_xml_is_refused) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"\x01"sv, "a\0b"sv, "\0"sv, "\xC3"sv, "\xEF\xBF\xBE"sv, "\xED\xA0\x80"sv, "fine and then \x1B"sv}) {
    Writer out({kOurs, "A"});
    out.leaf({kOurs, "B"}, text);
    out.leaf({kOurs, "C"}, "good");
    EXPECT_REFUSED(out.finish(), Code::malformed, "xml.unfit_text");
  }
}

}  // namespace
}  // namespace tf::xml
