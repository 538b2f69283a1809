package io.cellbelt.app;

/**
 * What a step costs besides its matrix products, with the names of the JSON form in camel case;
 * {@link BenchCommand} says what each means.
 *
 * @param stepOverRnn null but for cells with a clock
 */
record StepResult(
    String cell,
    int input,
    int hidden,
    double productsUs,
    double stepUs,
    double productsBestUs,
    double stepBestUs,
    double outsideProductsPercent,
    double activePercent,
    Double stepOverRnn) {}
