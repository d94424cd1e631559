# shellcheck shell=bash disable=SC2016 # what is planted keeps its dollar signs
# The workflows: zizmor as pedantic as it can be, and actionlint for syntax and expressions.

scan() {
    local verdict=0
    zizmor --offline --no-progress --persona=pedantic --quiet .github || verdict=1
    actionlint -no-color .github/workflows/*.yml || verdict=1
    return "$verdict"
}

plant_injection() {
    sed -i '0,/^      - run: .*/s//      - run: echo "${{ github.event.head_commit.message }}"/' \
        .github/workflows/ci.yml
    echo template-injection
}

plant_unpinned_action() {
    sed -i 's|actions/checkout@[0-9a-f]*.*|actions/checkout@v7|' .github/workflows/ci.yml
    echo unpinned-uses
}

plant_broken_expression() {
    sed -i '0,/^    runs-on: .*/s//    runs-on: ${{ matrix.missing }}/' .github/workflows/ci.yml
    echo 'property "missing" is not defined'
}
