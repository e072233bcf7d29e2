// What is read, what is refused, and that nothing dangerous is done with it.
#include <gtest/gtest.h>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "xml/document.hpp"

namespace tf::xml {
namespace {

constexpr std::string_view kSpace = "urn:example:a";
constexpr std::string_view kOther = "urn:example:b";

Result<Document> read(std::string_view text, const Limits& limits = {}) { return Document::parse(as_bytes(text), limits); }

TEST(Document, elements_are_found_by_namespace_and_name_whatever_the_prefix) {
  const Document document = test::must(read("<?xml version='1.0' encoding='utf-8'?><p:A xmlns:p='urn:example:a' xmlns='urn:example:b'>"
                                            "<B k='1' p:k='2'>b</B><p:B>a<!-- x -->&lt;<![CDATA[&]]></p:B><p:C/></p:A>"));
  const Element root = document.root();
  EXPECT_TRUE(root.is({kSpace, "A"}));
  EXPECT_EQ(root.children().size(), 3U);
  const Element other = test::must(root.child({kOther, "B"}));
  EXPECT_EQ(test::must(other.text()), "b");
  EXPECT_EQ(other.attribute({"", "k"}), "1");
  EXPECT_EQ(other.attribute({kSpace, "k"}), "2");
  EXPECT_EQ(other.attribute({kOther, "k"}), std::nullopt);
  EXPECT_EQ(test::must(test::must(root.child({kSpace, "B"})).text()), "a<&");
  EXPECT_EQ(test::must(test::must(root.child({kSpace, "C"})).text()), "");
  EXPECT_FALSE(test::must(root.child_if_any({"", "B"})).has_value());
}

TEST(Document, a_child_that_is_missing_repeated_or_not_a_leaf_is_told) {
  const Document document = test::must(read("<a><b/><b/><c><d/></c></a>"));
  EXPECT_REFUSED(document.root().child({"", "x"}), Code::malformed, "xml.missing_element");
  EXPECT_REFUSED(document.root().child({"", "b"}), Code::malformed, "xml.repeated_element");
  EXPECT_REFUSED(test::must(document.root().child({"", "c"})).text(), Code::malformed, "xml.not_a_leaf");
}

TEST(Document, what_is_built_reads_the_same) {
  Document document = Document::create({kSpace, "A"});
  Element child = document.root().add({kSpace, "B"}, "x < y & \"z\"\r\n\xC3\xA9");
  child.set({"", "k"}, "<\n\"'&>");
  Element stranger = child.add({kOther, "C"}, "c");
  stranger.declare("a", kSpace);
  stranger.set({kSpace, "k"}, "v");
  stranger.add({kSpace, "D"}, "d");
  stranger.add({"", "E"}, "e");
  const std::string text = test::must(document.serialise());
  EXPECT_EQ(text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"urn:example:a\"><B k=\"&lt;&#10;&quot;'&amp;&gt;\">x &lt; y &amp; \"z\"&#13;\n\xC3\xA9"
            "<C xmlns=\"urn:example:b\" xmlns:a=\"urn:example:a\" a:k=\"v\">c<a:D>d</a:D><E xmlns=\"\">e</E></C></B></A>\n");
  const Document again = test::must(read(text));
  const Element b = test::must(again.root().child({kSpace, "B"}));
  EXPECT_EQ(b.attribute({"", "k"}), "<\n\"'&>");
  const Element c = test::must(b.child({kOther, "C"}));
  EXPECT_EQ(c.attribute({kSpace, "k"}), "v");
  EXPECT_OK(c.child({kSpace, "D"}));
  EXPECT_OK(c.child({"", "E"}));
  EXPECT_EQ(test::must(again.serialise()), text);
}

TEST(Document, a_root_may_have_a_prefix_that_its_children_take) {
  Document document = Document::create({kSpace, "A"}, "p");
  document.root().add({kSpace, "B"});
  document.root().add({"", "C"});
  EXPECT_EQ(test::must(document.serialise()), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:A xmlns:p=\"urn:example:a\"><p:B/><C/></p:A>\n");
}

TEST(Document, text_that_cannot_stand_in_xml_is_not_written) {
  for (const std::string_view text : {std::string_view("\x01"), std::string_view("a\0b", 3), std::string_view("\xFF"), std::string_view("\xEF\xBF\xBF"),
                                      std::string_view("\xED\xA0\x80"), std::string_view("\xC3")}) {
    Document document = Document::create({"", "a"});
    document.root().add_text(text);
    EXPECT_REFUSED(document.serialise(), Code::malformed, "xml.unfit_text");
  }
}

TEST(Document, a_document_type_is_refused_and_nothing_of_it_is_done) {
  EXPECT_REFUSED(read("<!DOCTYPE a><a/>"), Code::malformed, "xml.dtd");
  EXPECT_REFUSED(read("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), Code::malformed, "xml.dtd");
  EXPECT_REFUSED(read("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"), Code::malformed, "xml.dtd");
  EXPECT_REFUSED(read("<!DOCTYPE a [<!ENTITY x 'xxxxxxxxxx'><!ENTITY y '&x;&x;&x;&x;&x;&x;&x;'>]><a>&y;&y;</a>"), Code::malformed, "xml.dtd");
  EXPECT_REFUSED(read("<!DOCTYPE a [<!ATTLIST a Id ID #IMPLIED>]><a Id='1'/>"), Code::malformed, "xml.dtd");
}

TEST(Document, what_is_not_well_formed_is_refused) {
  for (const char* text : {"", " ", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a>&x;</a>", "<a k='1' k='2'/>", "<p:a/>", "<a p:k='1'/>", "<a>\x01</a>", "<a>\xFF</a>",
                           "<a xmlns:p='u' xmlns:q='u' p:k='1' q:k='2'/>", "<a>&#0;</a>", "<a", "<a><![CDATA[</a>", "<a>]]></a>", "<a k=1/>"})
    EXPECT_REFUSED(read(text), Code::malformed, "xml.not_well_formed");
}

TEST(Document, other_encodings_versions_and_instructions_are_refused) {
  EXPECT_REFUSED(read("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Code::malformed, "xml.encoding");
  EXPECT_REFUSED(read("<?xml version='1.1'?><a/>"), Code::malformed, "xml.encoding");
  EXPECT_REFUSED(read(std::string_view("\xFF\xFE<\0a\0/\0>\0", 10)), Code::malformed, "xml.encoding");
  EXPECT_REFUSED(read(std::string_view("<\0a\0/\0>\0", 8)), Code::malformed, "xml.encoding");
  EXPECT_REFUSED(read("L\x6F\xA7\x94"), Code::malformed, "xml.encoding");
  EXPECT_REFUSED(read("<?php x?><a/>"), Code::malformed, "xml.instruction");
  EXPECT_REFUSED(read("<a><?php x?></a>"), Code::malformed, "xml.instruction");
  EXPECT_OK(read("\xEF\xBB\xBF<a/>"));
}

TEST(Document, size_depth_and_number_are_bounded) {
  EXPECT_REFUSED(read("<a/>", {.bytes = 3}), Code::malformed, "xml.too_large");
  EXPECT_OK(read("<a><b><c/></b><b/></a>", {.depth = 3}));
  EXPECT_REFUSED(read("<a><b><c><d/></c></b></a>", {.depth = 3}), Code::malformed, "xml.too_deep");
  EXPECT_OK(read("<a k='1'><b/></a>", {.nodes = 3}));
  EXPECT_REFUSED(read("<a k='1'><b/><c/></a>", {.nodes = 3}), Code::malformed, "xml.too_many_nodes");
  EXPECT_REFUSED(read("<a><!-- 1 --><!-- 2 --><!-- 3 --></a>", {.nodes = 3}), Code::malformed, "xml.too_many_nodes");
  EXPECT_REFUSED(read("<a xmlns:b='b' xmlns:c='c' xmlns:d='d'/>", {.nodes = 3}), Code::malformed, "xml.too_many_nodes");
}

TEST(Document, nothing_is_printed) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const char* text : {"<a>", "<p:a/>", "<a k='1' k='2'/>", "<a xmlns='relative'/>", "<a xmlns:xml='u'/>", "<!DOCTYPE a><a/>", "<a>&x;</a>"}) (void)read(text);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace tf::xml
